"""Figures of a bulletin, and the rows behind them."""


def rows_behind(client, address):
    """How many rows the page of a figure lists."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.context["page_obj"].paginator.count
