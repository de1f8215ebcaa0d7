"""The traffic of the demo shop: tills in sessions of their own, with the application's role.

Every transaction leaves all invariants true, because it takes the locks that a well-built
shop takes: the customer before selling on account, the sale before paying or refunding it,
products in the order of their numbers.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg

from ...core.demo_schema import in_schema
from ...core.errors import PlumbError
from ...core.rows import fetch_row, fetch_value
from ...core.session import open_session
from ...core.statements import statement

Report = Callable[[str], None]

ATTEMPTS_MAX = 5
REPORT_SECONDS = 5
LINES_MAX = 4
CENT = Decimal("0.01")
METHODS = ("CASH", "CARD", "CARD", "TRANSFER")


def run_traffic(
    url: str,
    clients: int,
    rate: int,
    seconds: int | None,
    *,
    report: Report = print,
    seed: int | None = None,
) -> Counter[str]:
    """Run traffic until the time is up or Ctrl-C.

    Args:
        url: A libpq URL whose user may act as retail_app.
        clients: Sessions.
        rate: Transactions a second, of all sessions together.
        seconds: How long; until Ctrl-C when None.
        report: Receives one line every few seconds.
        seed: Makes each till's decisions repeatable.

    Returns:
        How many transactions of each kind were done or refused.

    Raises:
        PlumbError: A session failed for good, such as when the server went away.
    """
    day = _Day()
    tills = [
        threading.Thread(
            target=_work,
            args=(day, url, number, clients / rate, None if seed is None else seed + number),
            daemon=True,
        )
        for number in range(1, clients + 1)
    ]
    until = f"for {seconds} s" if seconds else "until Ctrl-C"
    report(f"{clients} tills, {rate} transactions a second, {until}.")
    started = time.monotonic()
    for till in tills:
        till.start()
    try:
        _watch(day, started, seconds, report)
    except KeyboardInterrupt:
        report("")
    day.closing.set()
    for till in tills:
        till.join(timeout=10)
    if day.failure is not None:
        raise day.failure
    report(f"Closed: {_describe(day.counts)} in {time.monotonic() - started:.0f} s.")
    return day.counts


class _Day:
    """What the tills share: the counts, the closing bell, and the first failure."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        self.failure: PlumbError | None = None
        self.counts: Counter[str] = Counter()
        self.refusal = ""
        self._lock = threading.Lock()

    def count(self, kind: str) -> None:
        with self._lock:
            self.counts[kind] += 1

    def fail(self, failure: PlumbError) -> None:
        with self._lock:
            self.failure = self.failure or failure
        self.closing.set()


def _watch(day: _Day, started: float, seconds: int | None, report: Report) -> None:
    before: Counter[str] = Counter()
    reported = started
    while not day.closing.is_set():
        now = time.monotonic()
        left = seconds - (now - started) if seconds else REPORT_SECONDS
        if left <= 0:
            return
        day.closing.wait(min(left, REPORT_SECONDS))
        now = time.monotonic()
        if now - reported < REPORT_SECONDS:
            continue
        counts = day.counts.copy()
        done = counts - before
        speed = (done.total() - done["refused"]) / (now - reported)
        report(f"{datetime.now():%H:%M:%S}  {_describe(done)} · {speed:.1f}/s")
        if done["refused"]:
            report(f"          the database refused {done['refused']} writes: {day.refusal}")
        before, reported = counts, now


def _describe(counts: Counter[str]) -> str:
    shown = ("sales", "refunds", "deliveries", "payments", "sold out", "refused")
    return ", ".join(f"{counts[kind]} {kind}" for kind in shown if counts[kind]) or "nothing"


def _work(day: _Day, url: str, number: int, pause: float, seed: int | None) -> None:
    try:
        with open_session(url, f"shop till {number}") as connection:
            schema = fetch_value(connection, "select plumb.demo_schema()")
            connection.execute("set role retail_app")
            connection.commit()
            till = _Till(connection, random.Random(seed), schema)
            next_at = time.monotonic() + pause * till.chance.random()
            while not day.closing.wait(max(0.0, next_at - time.monotonic())):
                # Behind schedule the till works on without a rush to catch up.
                next_at = max(next_at + pause, time.monotonic())
                _serve(day, till)
    except psycopg.Error as error:
        said = str(error).strip().splitlines()
        day.fail(
            PlumbError(
                f"till {number} stopped: {said[0] if said else type(error).__name__}",
                "./plumb status shows whether the database runs.",
            )
        )


def _serve(day: _Day, till: "_Till") -> None:
    task = till.choose()
    for attempt in range(ATTEMPTS_MAX):
        try:
            with till.connection.transaction():
                kind = task()
            if kind:
                day.count(kind)
            return
        except psycopg.errors.ReadOnlySqlTransaction as error:
            day.refusal = error.diag.message_primary or "safe mode"
            day.count("refused")
            return
        except psycopg.errors.CheckViolation as error:
            if error.diag.constraint_name != "stock_not_negative":
                raise
            # Another till sold the last piece first; the shelf gets filled up.
            day.count("sold out")
            task = till.deliver
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            if attempt + 1 == ATTEMPTS_MAX:
                raise


class _Till:
    """One session of the shop's application, and everything that is done at a till."""

    def __init__(self, connection: psycopg.Connection, chance: random.Random, schema: str) -> None:
        self.connection = connection
        self.chance = chance
        self._schema = schema
        self.customers = self._column("select customer_id from retail.customers order by 1")
        self.prices = dict(self._rows("select product_id, price from retail.products"))
        connection.commit()
        if not self.customers or not self.prices:
            raise psycopg.DataError("the shop has no customers or no products")

    def choose(self) -> Callable[[], str]:
        """Return the next thing to do, as often as it happens in a shop."""
        tasks = (self.sell, self.settle, self.deliver, self.refund, self.pay_on_account)
        return self.chance.choices(tasks, weights=(68, 16, 8, 4, 4))[0]

    def sell(self) -> str:
        """Sell up to four products, on account if the customer's limit allows it."""
        products = sorted(self.chance.sample(list(self.prices), self.chance.randint(1, LINES_MAX)))
        lines = [(product, self.chance.choice((1, 1, 1, 2, 3))) for product in products]
        total = sum((self.prices[product] * quantity for product, quantity in lines), Decimal(0))
        customer = self.customers[0]
        on_account = False
        if self.chance.random() < 0.4:  # noqa: PLR2004
            customer = self.chance.choice(self.customers)
            on_account = self._may_owe(customer, total)
        sale = self._value(
            statement(__package__, "add_sale"),
            [customer, total, "OPEN" if on_account else "COMPLETED"],
        )
        for product, quantity in lines:
            price = self.prices[product]
            self._do(
                statement(__package__, "add_sale_item"),
                [sale, product, quantity, price, price * quantity],
            )
        self._move([(product, -quantity) for product, quantity in lines], "SALE", sale)
        if not on_account and total:
            self._pay(sale, customer, total)
        return "sales"

    def settle(self) -> str:
        """Pay an open sale in full or in part."""
        sale = self._pick("OPEN")
        if sale is None:
            return self.sell()
        sale_id, customer, total = sale
        rest = total - self._paid(sale_id)
        part = (rest / 2).quantize(CENT)
        if part > 0 and self.chance.random() < 0.3:  # noqa: PLR2004
            self._pay(sale_id, customer, part)
            return "payments"
        if rest > 0:
            self._pay(sale_id, customer, rest)
        self._do("update retail.sales set status = 'PAID' where sale_id = %s", [sale_id])
        return "payments"

    def refund(self) -> str:
        """Take a paid sale or one product of it back: money goes back, goods to the shelf."""
        sale = self._pick("PAID", "COMPLETED")
        if sale is None:
            return self.sell()
        sale_id, customer, total = sale
        goods = self._rows(statement(__package__, "sold_products"), [sale_id])
        status, amount = "REFUNDED", self._paid(sale_id)
        returned = self.chance.choice(goods) if goods else None
        if returned and 0 < returned[2] < total and self.chance.random() < 0.5:  # noqa: PLR2004
            status, amount, goods = "PARTIALLY_REFUNDED", returned[2], [returned]
        self._do("update retail.sales set status = %s where sale_id = %s", [status, sale_id])
        if amount:
            self._pay(sale_id, customer, -amount)
        self._move([(product, quantity) for product, quantity, _ in goods], "RETURN", sale_id)
        return "refunds"

    def deliver(self) -> str:
        """Fill up what runs low, or a few products when nothing does."""
        # What is less than nothing has to be counted first; a delivery would only hide it.
        query = statement(__package__, "low_stock")
        products = self._column(query)
        amounts = [(product, self.chance.randint(20, 60)) for product in sorted(products)]
        self._move(amounts, "DELIVERY")
        return "deliveries"

    def pay_on_account(self) -> str:
        """Take a part of what a customer owes, for no sale in particular."""
        customer = self.chance.choice(self.customers)
        balance = self._balance(customer)[0]
        amount = (balance * Decimal(self.chance.choice(("0.1", "0.25", "0.5")))).quantize(CENT)
        if amount <= 0:
            return self.sell()
        self._pay(None, customer, amount)
        return "payments"

    def _may_owe(self, customer: int, total: Decimal) -> bool:
        balance, limit = self._balance(customer)
        return balance + total <= limit

    def _balance(self, customer: int) -> tuple[Decimal, Decimal]:
        # Locked first and read second: the second statement sees what was committed meanwhile.
        lock = "select 1 from retail.customers where customer_id = %s for no key update"
        self._do(lock, [customer])
        query = "select balance, credit_limit from demo.balances where customer_id = %s"
        balance, limit = fetch_row(self.connection, query, [customer])
        return balance, limit

    def _pick(self, *statuses: str) -> tuple[int, int, Decimal] | None:
        # From a random place onward, so that not all tills want the same sale.
        newest = self._value("select coalesce(max(sale_id), 0) from retail.sales")
        rows = self._rows(
            statement(__package__, "pick_sale"),
            [list(statuses), self.chance.randint(0, newest)],
        )
        return rows[0] if rows else None

    def _paid(self, sale: int) -> Decimal:
        query = "select coalesce(sum(amount), 0) from retail.payments where sale_id = %s"
        paid: Decimal = self._value(query, [sale])
        return paid

    def _pay(self, sale: int | None, customer: int, amount: Decimal) -> None:
        self._do(
            statement(__package__, "add_payment"),
            [sale, customer, amount, self.chance.choice(METHODS)],
        )

    def _move(self, amounts: list[tuple[Any, ...]], reason: str, sale: int | None = None) -> None:
        for product, delta in amounts:
            self._do(
                statement(__package__, "add_movement"),
                [product, delta, reason, sale],
            )

    def _do(self, query: str, values: list[Any] | None = None) -> None:
        self.connection.execute(in_schema(query, self._schema), values)

    def _value(self, query: str, values: list[Any] | None = None) -> Any:
        return fetch_value(self.connection, in_schema(query, self._schema), values)

    def _rows(self, query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        return self.connection.execute(in_schema(query, self._schema), values).fetchall()

    def _column(self, query: str, values: list[Any] | None = None) -> list[Any]:
        return [value for (value,) in self._rows(query, values)]
