// The guide's order in front of a handler: safe mode, then security, then latency. The database
// decides all of it in one short call a request; this package only carries the question and the
// answer, so that an application in Node is held to the same rules as any other.

import { Tracker } from './latency.js'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const ROUTE_LENGTH_MAX = 500
const RETRY_SECONDS = 2
const WINDOW_SECONDS = 10

const ADMIT =
  'select plumb.admit_request(p_client => $1, p_method => $2, p_route => $3, p_source => $4,' +
  ' p_is_open => $5) as answer'
const RECORD = 'select plumb.record_requests($1, $2) as answer'
const REPORT_REFUSED = 'select plumb.report_refused_request($1, $2) as answer'

/**
 * What stands in front of an application.
 *
 * @param {object} options
 * @param {(text: string, values: unknown[]) => Promise<{rows: object[]}>} options.query runs SQL as
 *   a member of plumb_api; `(text, values) => pool.query(text, values)` of a pool of pg.
 * @param {string} options.source the application's name.
 * @param {string[]} [options.exemptPaths] paths that are no traffic, such as probes: never refused,
 *   never counted.
 * @param {string[]} [options.openPaths] paths whose writes pass in safe mode.
 * @param {(request: object) => string} [options.client] returns the client's address.
 * @param {number} [options.windowSeconds] how long a window of latencies is.
 * @param {(error: Error) => void} [options.onError] receives what could not be asked or reported.
 */
export class Plumbline {
  #query
  #source
  #exemptPaths
  #openPaths
  #client
  #onError
  #failsOpen = false
  #timer
  tracker

  constructor ({
    query,
    source,
    exemptPaths = [],
    openPaths = [],
    client = (request) => request.ip ?? request.socket?.remoteAddress ?? '',
    windowSeconds = WINDOW_SECONDS,
    onError = () => {}
  }) {
    if (typeof query !== 'function') throw new TypeError('query is not a function')
    if (typeof source !== 'string' || source === '') throw new TypeError('source is not a name')
    this.#query = query
    this.#source = source
    this.#exemptPaths = new Set(exemptPaths)
    this.#openPaths = new Set(openPaths)
    this.#client = client
    this.#onError = onError
    this.tracker = new Tracker(async (rows) => {
      try {
        await this.#ask(RECORD, [this.#source, JSON.stringify(rows)])
      } catch (error) {
        this.#onError(error)
        throw error
      }
    })
    this.#timer = setInterval(() => this.tracker.flush(), windowSeconds * 1000)
    // Reporting keeps no process alive.
    this.#timer.unref()
  }

  /** Reports the last window and stops; call it before the process ends. */
  async close () {
    clearInterval(this.#timer)
    return this.tracker.flush()
  }

  /** Returns a middleware for Express and Connect; mount it before everything else. */
  express () {
    return (request, response, next) => {
      this.#admit(request, request.path ?? pathOf(request.url)).then((answer) => {
        if (answer.refusal) return send(response, answer)
        for (const [name, value] of answer.headers) response.setHeader(name, value)
        if (!answer.isExempt) {
          this.#measure(response, answer, () => ({
            route: `${answer.method} ${request.route
              ? `${request.baseUrl ?? ''}${request.route.path}`
              : '(unmatched)'}`,
            status: response.statusCode
          }))
        }
        next()
      }).catch(next)
    }
  }

  /** Returns a plugin for Fastify; register it before the routes. */
  fastify () {
    const plugin = (instance, _options, done) => {
      instance.addHook('onRequest', async (request, reply) => {
        const answer = await this.#admit(request, pathOf(request.raw.url), request.method)
        for (const [name, value] of answer.headers) reply.header(name, value)
        if (answer.refusal) {
          reply.code(answer.refusal.status).type('application/problem+json')
          return reply.send(JSON.stringify(answer.refusal))
        }
        if (!answer.isExempt) {
          this.#measure(reply.raw, answer, () => ({
            route: `${answer.method} ${request.routeOptions?.url ?? '(unmatched)'}`,
            status: reply.raw.statusCode
          }))
        }
      })
      instance.addHook('onClose', async () => { await this.close() })
      done()
    }
    // As fastify-plugin does: the hooks belong to all routes, not to a scope of their own.
    plugin[Symbol.for('skip-override')] = true
    return plugin
  }

  async #ask (text, values) {
    const { rows } = await this.#query(text, values)
    const answer = rows[0].answer
    return typeof answer === 'string' ? JSON.parse(answer) : answer
  }

  async #admit (request, path, method = request.method) {
    method = String(method).toUpperCase()
    if (this.#exemptPaths.has(path)) return { isExempt: true, headers: [], method }
    let admission
    try {
      admission = await this.#ask(ADMIT, [
        this.#client(request), method, printable(path), this.#source, this.#openPaths.has(path)
      ])
    } catch (error) {
      this.#onError(error)
      return this.#withoutDatabase(method)
    }
    this.#failsOpen = admission.failsOpen
    const headers = limitHeaders(admission)
    if (admission.decision === 'admit') return { headers, method, client: admission.client }
    if (admission.retryAfterSeconds) headers.push(['Retry-After', `${admission.retryAfterSeconds}`])
    return {
      headers,
      method,
      refusal: problem(
        admission.status,
        admission.decision.replaceAll('_', '-'),
        admission.decision === 'safe_mode'
          ? `safe mode is on, ${method} refused: ${admission.reason}`
          : admission.reason
      )
    }
  }

  // Unknown is not permission: a write is refused, and a read too unless the database said before
  // that its absence stops nobody (security_fails_open).
  #withoutDatabase (method) {
    if (this.#failsOpen && SAFE_METHODS.has(method)) return { headers: [], method }
    return {
      headers: [['Retry-After', `${RETRY_SECONDS}`]],
      method,
      refusal: problem(503, 'database-unavailable', 'the database cannot be asked')
    }
  }

  // A client that leaves early closes the response without finishing it.
  #measure (response, answer, describe) {
    const startedAt = performance.now()
    response.once('close', () => {
      const { route, status } = describe()
      const name = route.startsWith('HEAD ') ? `GET ${route.slice(5)}` : route
      this.tracker.record(name, performance.now() - startedAt, status >= 500)
      if ((status === 401 || status === 403) && answer.client) {
        this.#ask(REPORT_REFUSED, [answer.client, status]).catch(this.#onError)
      }
    })
  }
}

function send (response, { refusal, headers }) {
  for (const [name, value] of headers) response.setHeader(name, value)
  response.statusCode = refusal.status
  response.setHeader('Content-Type', 'application/problem+json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(`${JSON.stringify(refusal)}\n`)
}

function problem (status, kind, detail) {
  return { type: `urn:plumbline:problem:${kind}`, status, detail }
}

function limitHeaders ({ remaining, routeClass, requestsMax, windowSeconds, retryAfterSeconds }) {
  if (remaining === null || remaining === undefined) return []
  return [
    ['RateLimit-Policy', `"${routeClass}";q=${requestsMax};w=${windowSeconds}`],
    ['RateLimit', `"${routeClass}";r=${remaining};t=${retryAfterSeconds ?? windowSeconds}`]
  ]
}

function pathOf (url) {
  return String(url).split('?', 1)[0]
}

// PostgreSQL stores no NUL and no half of a surrogate pair, and a log holds no line breaks.
function printable (path) {
  return path.replaceAll(/\/{2,}/g, '/').slice(0, ROUTE_LENGTH_MAX).replaceAll(/[\p{Cc}\p{Cs}]/gu, '?')
}
