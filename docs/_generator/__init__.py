"""What turns verdicts into the site: pages as real Markdown files, formulas as HTML, the graph as SVG."""
