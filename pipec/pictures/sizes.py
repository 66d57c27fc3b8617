"""Measures of what is drawn, in pixels, which placing and drawing share."""

from __future__ import annotations

TITLE_SIZE = 13.0
DETAIL_SIZE = 11.0
FRAME_TITLE_SIZE = 11.5
NODE_HEIGHT = 46.0
NODE_PAD = 14.0
NODE_STEP = 16
"""Widths are rounded up to this, so that boxes of a column tend to be alike."""
NODE_MIN = 112
TEXT_MAX = 240.0
BADGE_GAP = 14.0
SLANT = 14.0
"""How far the left and the right corner of a decision stand out."""
CHIP_HEIGHT = 22.0
CHIP_GAP = 5.0
CHIP_PAD = 8.0
BUNDLE_HEAD = 46.0
FRAME_HEAD = 30.0
FRAME_PAD = 16.0
STACK = 4.0
"""How far the sheets behind a map stand out."""
EDGE_LABEL = (26.0, 16.0)
"""Width and height of `yes` and `no`."""
