// Runs migrations of Vendure: add, rename, drop, other types, data and DDL in one transaction.
'use strict';

const { runMigrations } = require('@vendure/core');
const { configuration } = require('./shop');

class WidenOrders1700000000000 {
  async up(runner) {
    await runner.query('ALTER TABLE "order" ADD "giftNote" character varying(40)');
    await runner.query('UPDATE "order" SET "giftNote" = \'none\', "subTotal" = "subTotal"');
    await runner.query('ALTER TABLE "order" ALTER COLUMN "giftNote" TYPE text');
    await runner.query('ALTER TABLE "order" ALTER COLUMN "subTotal" TYPE bigint');
    await runner.renameColumn('order_line', 'orderPlacedQuantity', 'placedQuantity');
    await runner.renameTable('shipping_line', 'delivery_line');
  }

  async down() {}
}

class PutBack1700000000001 {
  async up(runner) {
    await runner.query('ALTER TABLE "order" DROP COLUMN "giftNote"');
    await runner.query('ALTER TABLE "order" ALTER COLUMN "subTotal" TYPE integer');
    await runner.renameColumn('order_line', 'placedQuantity', 'orderPlacedQuantity');
    await runner.renameTable('delivery_line', 'shipping_line');
  }

  async down() {}
}

async function main() {
  const migrations = [WidenOrders1700000000000, PutBack1700000000001];
  const run = await runMigrations(configuration({ migrations }));
  if (run.length !== migrations.length) throw new Error(`only ${run} ran`);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
