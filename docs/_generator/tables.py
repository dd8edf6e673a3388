"""A Markdown extension that writes the heading of its column into each cell of a table: on a phone the cells of a row stand
below one another, and the style sheet shows the headings beside them."""

from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor


class _Headings(Treeprocessor):
    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            headings = ["".join(th.itertext()).strip() for th in table.iter("th")]
            for row in table.iterfind("tbody/tr"):
                for heading, cell in zip(headings, row, strict=False):
                    cell.set("data-heading", heading)


class TablesExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.treeprocessors.register(_Headings(md), "table-headings", 5)  # after the words in the cells are set


def makeExtension(**options: object) -> TablesExtension:
    return TablesExtension(**options)
