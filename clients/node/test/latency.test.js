// Windows and percentiles, with a clock that the test moves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram, Tracker } from '../latency.js'

test('a percentile is off by less than a twentieth', () => {
  const histogram = new Histogram()
  const values = Array.from({ length: 1000 }, (_, n) => 1 + (n * 7919) % 1000)
  for (const value of values) histogram.add(value, false)

  for (const share of [0.5, 0.95, 0.99]) {
    const exact = [...values].sort((a, b) => a - b)[share * 1000 - 1]
    assert.ok(Math.abs(histogram.percentileMs(share) - exact) < exact / 20)
  }
})

test('without requests there is no percentile', () => {
  assert.equal(new Histogram().percentileMs(0.95), null)
})

test('memory is bounded however long the database is away, and windows stay whole', async () => {
  let now = 0
  let isAway = true
  const sent = []
  const tracker = new Tracker(async (rows) => {
    if (isAway) throw new Error('away')
    sent.push(rows)
  }, () => now)
  for (let window = 0; window < 30; window += 1) {
    for (let route = 0; route < 99; route += 1) tracker.record(`GET /${route}`, 1, false)
    now += 10
    await tracker.flush()
  }
  isAway = false
  await tracker.flush()

  assert.equal(tracker.droppedRowCount, 1000)
  assert.equal(sent.flat().length, 2000)
  for (const batch of sent) {
    assert.equal(batch[0].route, '*')
    assert.ok(batch.length <= 1000)
  }
})

test('routes beyond a hundred share a row', async () => {
  let now = 0
  let rows
  const tracker = new Tracker(async (given) => { rows = given }, () => now)
  for (let route = 0; route < 1000; route += 1) tracker.record(`GET /${route}`, 1, false)
  now += 10
  await tracker.flush()

  assert.equal(rows.length, 102)
  assert.equal(rows.find((row) => row.route === '(other)').requestCount, 900)
})
