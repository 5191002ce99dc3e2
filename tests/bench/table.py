"""Tables in Markdown, for the terminal and the README."""


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - to whoever runs it


def table(heads: str, rows: list[list[str]]) -> None:
    names = heads.split("|")
    say(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows:
        say(f"| {' | '.join(row)} |")
    say("")
