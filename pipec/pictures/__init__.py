"""Pictures of pipelines: SVG and HTML laid out by ELK, Mermaid, Graphviz, and bars for a terminal."""
