"""The Eclipse Layout Kernel as JavaScript, version 0.12.1 of elkjs, unchanged, and what runs it.

`elk-worker.min.js` is `lib/elk-worker.min.js` of https://www.npmjs.com/package/elkjs, which is under the Eclipse Public
License 2.0 (LICENSE.md). Its source is at https://github.com/kieler/elkjs and https://github.com/eclipse/elk.
"""
