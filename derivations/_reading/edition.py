"""Which printing of the book a page belongs to: what a citation names, and where reports and edits go."""

from dataclasses import dataclass
from urllib.parse import urlencode

from elbo_ref import __version__


@dataclass(frozen=True)
class Edition:
    """The version, the commit and its day, the address of the site, and the repository; empty where there is none."""

    version: str = __version__
    commit: str = ""
    day: str = ""
    address: str = ""
    repository: str = ""
    edits: str = ""  # below the repository: where a file can be edited

    @property
    def said(self) -> str:
        """The printing in words."""
        return f"elbo-ref {self.version}" + (f", commit {self.commit}" if self.commit else "")

    def edit(self, file: str) -> str:
        """Where a file can be edited; empty without a repository."""
        return f"{self.repository}/{self.edits}/{file}" if self.repository else ""

    def report(self, name: str, page: str) -> str:
        """Where an error on a theorem is reported, its name and this printing filled in; empty without a repository."""
        if not self.repository:
            return ""
        body = f"Theorem: {name}\nPage: {self.address}{page}#{name}\nPrinting: {self.said}\n\nWhat is wrong, and how it shows:\n"
        return f"{self.repository}/issues/new?{urlencode({'title': f'Error on {name}', 'body': body})}"


UNPUBLISHED = Edition()
