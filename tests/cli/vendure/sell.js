// Sells with Vendure's own server, over its APIs: carts, orders, payments, shipments, refunds.
'use strict';

const fs = require('fs');
const path = require('path');
const { ask, bootstrap, configuration } = require('./shop');

const ORDERS = process.env.IS_NEW ? 62 : 20;
const VARIANTS = 30;
const ERROR = '... on ErrorResult { errorCode message }';
const FIRST_DATA = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [{ name: 'Austria', code: 'AT', zone: 'Europe' }],
  taxRates: [{ name: 'Standard Tax', percentage: 20 }],
  shippingMethods: [
    { name: 'Standard Shipping', price: 500 },
    { name: 'Express Shipping', price: 1250 },
  ],
  paymentMethods: [{
    name: 'Standard Payment',
    handler: {
      code: 'dummy-payment-handler',
      arguments: [{ name: 'automaticSettle', value: 'true' }],
    },
  }],
  collections: [],
};

let seed = 7;
function chance(below) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * below);
}

function products() {
  const lines = ['name,slug,description,assets,facets,optionGroups,optionValues,sku,price,'
    + 'taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets'];
  for (let n = 1; n <= VARIANTS; n += 1) {
    lines.push(`Product ${n},product-${n},A product,,,,,SKU${n},${3 + chance(200)}.${10 + chance(89)},`
      + `standard,${400 + n * 7},true,,`);
  }
  return lines.join('\n');
}

async function open() {
  if (!process.env.IS_NEW) return bootstrap(configuration());
  const { populate } = require('@vendure/core/cli');
  const file = path.join(process.cwd(), 'products.csv');
  fs.writeFileSync(file, products());
  return populate(() => bootstrap(configuration({ synchronize: true })), FIRST_DATA, file);
}

async function fillCart(number) {
  const shop = {};
  const wanted = new Set();
  while (wanted.size < 1 + chance(4)) wanted.add(1 + chance(VARIANTS));
  for (const variant of wanted) {
    await ask(shop, 'shop-api', `mutation($id: ID!, $n: Int!) {
      addItemToOrder(productVariantId: $id, quantity: $n) { ... on Order { id } ${ERROR} } }`,
    { id: String(variant), n: 1 + chance(5) });
  }
  await ask(shop, 'shop-api', `mutation($input: CreateCustomerInput!) {
    setCustomerForOrder(input: $input) { ... on Order { id } ${ERROR} } }`,
  { input: { firstName: 'Ann', lastName: `No ${number}`, emailAddress: `a${number}@example.com` } });
  return shop;
}

// A price goes up while the cart is full; the next change of the cart takes it over.
async function changePrice(shop, admin) {
  const { lines } = await ask(shop, 'shop-api', `{ activeOrder {
    lines { id quantity productVariant { id price } } } }`);
  const [line] = lines;
  await ask(admin, 'admin-api', `mutation($input: [UpdateProductVariantInput!]!) {
    updateProductVariants(input: $input) { id } }`,
  { input: [{ id: line.productVariant.id, price: line.productVariant.price + 110 }] });
  await ask(shop, 'shop-api', `mutation($id: ID!, $n: Int!) {
    adjustOrderLine(orderLineId: $id, quantity: $n) { ... on Order { id } ${ERROR} } }`,
  { id: line.id, n: line.quantity + 1 });
}

async function order(number, admin) {
  const shop = await fillCart(number);
  if (number % 12 === 11) return undefined; // A cart that is left.
  await ask(shop, 'shop-api', `mutation($input: CreateAddressInput!) {
    setOrderShippingAddress(input: $input) { ... on Order { id } ${ERROR} } }`,
  { input: { streetLine1: 'Street 1', city: 'Wien', postalCode: '1010', countryCode: 'AT' } });
  if (number % 7 === 3) await changePrice(shop, admin);
  const methods = await ask(shop, 'shop-api', '{ eligibleShippingMethods { id } }');
  await ask(shop, 'shop-api', `mutation($id: [ID!]!) {
    setOrderShippingMethod(shippingMethodId: $id) { ... on Order { id } ${ERROR} } }`,
  { id: [methods[number % methods.length].id] });
  await ask(shop, 'shop-api', `mutation {
    transitionOrderToState(state: "ArrangingPayment") { ... on Order { id } ${ERROR} } }`);
  return ask(shop, 'shop-api', `mutation {
    addPaymentToOrder(input: { method: "standard-payment", metadata: {} }) {
      ... on Order { id lines { id quantity } } ${ERROR} } }`);
}

async function handle(admin, number, { id, lines }) {
  const [payment] = (await ask(admin, 'admin-api', `query($id: ID!) {
    order(id: $id) { payments { id amount } } }`, { id })).payments;
  const cancel = () => ask(admin, 'admin-api', `mutation($id: ID!) {
    cancelOrder(input: { orderId: $id, reason: "changed mind" }) {
      ... on Order { id } ${ERROR} } }`, { id });
  if (number % 10 === 9) {
    await cancel();
  } else if (number % 4 !== 3) {
    const { id: shipment } = await ask(admin, 'admin-api', `mutation($lines: [OrderLineInput!]!) {
      addFulfillmentToOrder(input: { lines: $lines, handler: { code: "manual-fulfillment",
        arguments: [{ name: "method", value: "post" }, { name: "trackingCode", value: "1" }] } }) {
        ... on Fulfillment { id } ${ERROR} } }`,
    { lines: lines.map((line) => ({ orderLineId: line.id, quantity: line.quantity })) });
    for (const state of ['Shipped', 'Delivered']) {
      await ask(admin, 'admin-api', `mutation($id: ID!, $state: String!) {
        transitionFulfillmentToState(id: $id, state: $state) {
          ... on Fulfillment { id } ${ERROR} } }`, { id: shipment, state });
    }
    if (number % 10 === 4) await cancel(); // What was sent comes back.
  }
  if (number % 3 === 0) {
    await ask(admin, 'admin-api', `mutation($input: RefundOrderInput!) {
      refundOrder(input: $input) { ... on Refund { id } ${ERROR} } }`,
    {
      input: {
        lines: [{ orderLineId: lines[0].id, quantity: 1 }],
        shipping: number % 2 ? 0 : 100 + number,
        adjustment: number % 4 ? 0 : -number,
        paymentId: payment.id,
      },
    });
  }
}

async function main() {
  const app = await open();
  const admin = {};
  await ask(admin, 'admin-api', `mutation { login(username: "superadmin", password: "superadmin") {
    ... on CurrentUser { id } ${ERROR} } }`);
  const { totalItems } = await ask(admin, 'admin-api', '{ orders { totalItems } }');
  seed += totalItems;
  for (let number = totalItems; number < totalItems + ORDERS; number += 1) {
    const placed = await order(number, admin);
    if (placed) await handle(admin, number, placed);
  }
  await app.close();
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
