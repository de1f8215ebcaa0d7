// The order of the guide, on a real database: safe mode, then security, then latency, then the
// handler.

import assert from 'node:assert/strict'
import http from 'node:http'
import { afterEach, beforeEach, test } from 'node:test'
import { Plumbline } from '../index.js'
import { queryAs } from './psql.js'

const admin = queryAs()
const TRAFFIC = "select coalesce(json_agg(o), '[]') as answer from (select route, request_count," +
  ' error_count from plumb.perf_observations order by route) as o'

let plumbline
let server
let called
let isAway

/** A handler as Express calls it: the router has set the route by the time it answers. */
function handler (request, response) {
  called += 1
  request.baseUrl = '/shop'
  request.route = { path: '/sales/:id' }
  const status = Number(new URL(request.url, 'http://x').searchParams.get('status') ?? 200)
  response.statusCode = status
  response.end('sold')
}

beforeEach(async () => {
  called = 0
  isAway = false
  await admin("update plumb.system_mode set mode = 'normal'; truncate plumb.perf_observations," +
    ' plumb.security_blocks, plumb.security_events;')
  const query = queryAs('plumb_api')
  plumbline = new Plumbline({
    query: (text, values) => isAway ? Promise.reject(new Error('away')) : query(text, values),
    source: 'shop',
    exemptPaths: ['/healthz'],
    openPaths: ['/login'],
    client: (request) => request.headers['x-client'] ?? '203.0.113.5',
    windowSeconds: 3600
  })
  const middleware = plumbline.express()
  server = http.createServer((request, response) => {
    middleware(request, response, (error) => {
      if (error) throw error
      handler(request, response)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  await plumbline.close()
  await new Promise((resolve) => server.close(resolve))
})

function ask (path, method = 'GET', headers = {}) {
  const { port } = server.address()
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method, headers: { connection: 'close', ...headers }
  })
}

async function traffic () {
  await plumbline.tracker.flush()
  return JSON.parse((await admin(TRAFFIC)).rows[0].answer)
}

test('a request passes to the handler, and is counted by its route', async () => {
  assert.equal(await (await ask('/shop/sales/1')).text(), 'sold')
  await (await ask('/shop/sales/2?status=500', 'POST')).text()

  assert.deepEqual(await traffic(), [
    { route: '*', request_count: 2, error_count: 1 },
    { route: 'GET /shop/sales/:id', request_count: 1, error_count: 0 },
    { route: 'POST /shop/sales/:id', request_count: 1, error_count: 1 }
  ])
})

test('in safe mode a write is refused and a read passes', async () => {
  await admin("select plumb.engage_safe_mode('drill', 'ops');")

  const refused = await ask('/shop/sales', 'POST')

  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '30')
  assert.equal(refused.headers.get('content-type'), 'application/problem+json')
  const said = await refused.json()
  assert.equal(said.type, 'urn:plumbline:problem:safe-mode')
  assert.match(said.detail, /safe mode is on, POST refused: drill/)
  assert.equal((await ask('/shop/sales')).status, 200)
  assert.equal((await ask('/login', 'POST')).status, 200)
  assert.equal(called, 2)
  // What was refused is neither latency nor error of the application.
  assert.equal((await traffic())[0].request_count, 2)
})

test('safe mode speaks before security: a blocked client that writes hears of safe mode', async () => {
  await admin("select plumb.block_client('203.0.113.5', 'scanning');" +
    " select plumb.engage_safe_mode('drill', 'ops');")

  assert.equal((await ask('/shop', 'POST')).status, 503)
  assert.equal((await ask('/shop')).status, 403)
  assert.equal(called, 0)
})

test('a blocked client is refused before its latency is measured', async () => {
  await admin("select plumb.block_client('203.0.113.5', 'scanning');")

  const refused = await ask('/shop')

  assert.equal(refused.status, 403)
  assert.match((await refused.json()).detail, /203\.0\.113\.5 is blocked until/)
  assert.equal((await ask('/shop', 'GET', { 'x-client': '203.0.113.6' })).status, 200)
  assert.equal((await traffic())[0].request_count, 1)
})

test('what the handler refuses is told to the database', async () => {
  await (await ask('/shop?status=401')).text()

  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { rows } = await admin('select count(*) as answer from plumb.security_events;')
    if (rows[0].answer !== '0') return
  }
  assert.fail('no event was recorded')
})

test('probes are asked for nothing and counted nowhere', async () => {
  isAway = true

  assert.equal((await ask('/healthz')).status, 200)
  isAway = false
  assert.equal((await traffic())[0].request_count, 0)
})

test('when nobody can tell, nothing passes', async () => {
  isAway = true

  const refused = await ask('/shop', 'POST')
  assert.equal(refused.status, 503)
  assert.equal((await refused.json()).type, 'urn:plumbline:problem:database-unavailable')
  assert.equal((await ask('/shop')).status, 503)
  assert.equal(called, 0)
})

test('reads pass without the database where the setting said so before, writes never', async () => {
  await admin("select plumb.change_setting('security_fails_open', 'true');")
  await ask('/shop')
  isAway = true

  assert.equal((await ask('/shop')).status, 200)
  assert.equal((await ask('/shop', 'POST')).status, 503)
  await admin("select plumb.change_setting('security_fails_open', null);")
})

test('a window that could not be reported is reported later', async () => {
  await ask('/shop')
  isAway = true
  assert.equal(await plumbline.tracker.flush(), false)
  isAway = false

  const rows = await traffic()

  assert.equal(rows.find((row) => row.route === 'GET /shop/sales/:id').request_count, 1)
})

test('a path that PostgreSQL could not store stops nothing', async () => {
  assert.equal((await ask('/shop/%00/%ff')).status, 200)
})
