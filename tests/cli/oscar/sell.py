"""Sells with django-oscar's own code: products, baskets, orders, payments, refunds."""

import random
from decimal import Decimal

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import transaction  # noqa: E402
from oscar.apps.checkout.calculators import OrderTotalCalculator  # noqa: E402
from oscar.apps.partner import strategy  # noqa: E402
from oscar.apps.shipping.methods import FixedPrice  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402
from oscar.test.factories import create_product  # noqa: E402

ORDERS = 120
Basket = get_model("basket", "Basket")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")
OrderCreator = get_class("order.utils", "OrderCreator")


class WithTax(
    strategy.UseFirstStockRecord,
    strategy.StockRequired,
    strategy.FixedRateTax,
    strategy.Structured,
):
    """Prices with a tax of 21 %."""

    rate = Decimal("0.21")
    exponent = Decimal("0.01")


def sell(number, chance, users, products, card):
    """Place one order, pay for most of them and give some money back."""
    user = chance.choice(users)
    basket = Basket.objects.create(owner=user)
    basket.strategy = WithTax()
    for product in chance.sample(products, chance.randint(1, 4)):
        basket.add_product(product, chance.randint(1, 5))
    fee = Decimal(number % 5 + 2)
    method = FixedPrice(fee, fee * Decimal("1.21"))
    charge = method.calculate(basket)
    order = OrderCreator().place_order(
        basket=basket,
        total=OrderTotalCalculator().calculate(basket, charge),
        shipping_method=method,
        shipping_charge=charge,
        user=user,
        order_number=str(100_000 + basket.id),
        status=chance.choice(["Pending", "Being processed", "Complete"]),
    )
    basket.submit()
    source = Source.objects.create(order=order, source_type=card, currency="EUR")
    source.allocate(order.total_incl_tax)
    if number % 3:
        source.debit(order.total_incl_tax)
        if number % 5 == 0:
            source.refund(Decimal(1 + number % 20))


def main():
    """Sell."""
    sold = User.objects.count()
    chance = random.Random(7 + sold)
    users = [
        User.objects.create_user(f"user{n}", f"user{n}@example.com") for n in range(sold, sold + 25)
    ]
    products = [
        create_product(
            title=f"P{n}", price=Decimal(chance.randint(300, 9000)) / 100, num_in_stock=200 + n * 3
        )
        for n in range(40)
    ]
    card, _ = SourceType.objects.get_or_create(name="Card")
    for number in range(ORDERS):
        # A request of the shop is a transaction (ATOMIC_REQUESTS).
        with transaction.atomic():
            sell(number, chance, users, products, card)


main()
