"""What docs/record.md says of ways round the verbs of publishing."""

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs/record.md"


def documented(heading: str, column: int) -> dict[str, str]:
    """Say by what each way round of a table is refused, but for those that a database does not know."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {row[0]: row[column] for row in rows[2:] if row[column] != "–"}
