// Counts requests and how long they take, and reports them to the database in windows. What cannot
// be reported is kept, up to a limit, and tried again with the next window. Windows without requests
// are reported too: an application that has nothing to do and one that died must not look the same.

const ALL_ROUTES = '*'
const OTHER_ROUTES = '(other)'
// Routes that are counted separately in one window; the rest share a row, so that a scanner cannot
// fill memory.
const ROUTES_MAX = 100
// Rows kept while the database cannot be reached.
const BACKLOG_ROWS_MAX = 2000
// Rows sent in one call, well below what plumb.record_requests() takes.
const BATCH_ROWS_MAX = 500
// Neighbouring buckets differ by this factor, so a percentile is off by 2.5 % at most.
const BUCKET_GROWTH = 1.05
const LATENCY_MS_MIN = 0.01
const LATENCY_MS_MAX = 600000

/** Latencies in buckets of growing width: at most 368 of them, whatever comes. */
export class Histogram {
  requestCount = 0
  errorCount = 0
  #buckets = new Map()

  /** Counts one request: how long it took in ms, and whether the application failed it (5xx). */
  add (milliseconds, isError) {
    const value = Math.min(Math.max(milliseconds, LATENCY_MS_MIN), LATENCY_MS_MAX)
    const bucket = Math.floor(Math.log(value / LATENCY_MS_MIN) / Math.log(BUCKET_GROWTH))
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.requestCount += 1
    this.errorCount += isError ? 1 : 0
  }

  /** Returns the latency in ms that a share of requests did not exceed; null without requests. */
  percentileMs (share) {
    let rank = Math.ceil(share * this.requestCount)
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      rank -= this.#buckets.get(bucket)
      if (rank <= 0) {
        return Math.round(LATENCY_MS_MIN * BUCKET_GROWTH ** (bucket + 0.5) * 1000) / 1000
      }
    }
    return null
  }
}

/** Gathers latencies by route and hands finished windows to `send(rows)`. */
export class Tracker {
  #send
  #now
  #window = new Map([[ALL_ROUTES, new Histogram()]])
  #startedAt
  #backlog = []
  #sending = null
  droppedRowCount = 0

  constructor (send, now = () => performance.now() / 1000) {
    this.#send = send
    this.#now = now
    this.#startedAt = now()
  }

  /** Counts a request of a route, by its pattern and never by its path. */
  record (route, milliseconds, isError) {
    if (!this.#window.has(route) && this.#window.size > ROUTES_MAX) route = OTHER_ROUTES
    for (const name of [ALL_ROUTES, route]) {
      if (!this.#window.has(name)) this.#window.set(name, new Histogram())
      this.#window.get(name).add(milliseconds, isError)
    }
  }

  /** Closes the window and sends what is unsent; resolves to whether nothing is left. */
  async flush () {
    this.#closeWindow()
    // Two that send at once would send the same rows.
    this.#sending ??= this.#sendBacklog().finally(() => { this.#sending = null })
    return this.#sending
  }

  async #sendBacklog () {
    while (this.#backlog.length > 0) {
      const batch = this.#nextBatch()
      const now = this.#now()
      try {
        await this.#send(batch.map(({ endedAt, ...row }) => (
          { ...row, endedSecondsAgo: Math.max(now - endedAt, 0) }
        )))
      } catch {
        return false
      }
      this.#backlog = this.#backlog.filter((row) => !batch.includes(row))
    }
    return true
  }

  // Whole windows only: one without its total would be summed up anew.
  #nextBatch () {
    const end = this.#backlog.findIndex(
      (row, index) => index >= BATCH_ROWS_MAX && row.route === ALL_ROUTES
    )
    return end < 0 ? this.#backlog.slice() : this.#backlog.slice(0, end)
  }

  #closeWindow () {
    const now = this.#now()
    if (now <= this.#startedAt) return
    for (const [route, histogram] of this.#window) {
      this.#backlog.push({
        route,
        requestCount: histogram.requestCount,
        errorCount: histogram.errorCount,
        p50Ms: histogram.percentileMs(0.5),
        p95Ms: histogram.percentileMs(0.95),
        p99Ms: histogram.percentileMs(0.99),
        windowSeconds: now - this.#startedAt,
        endedAt: now
      })
    }
    this.#window = new Map([[ALL_ROUTES, new Histogram()]])
    this.#startedAt = now
    while (this.#backlog.length > BACKLOG_ROWS_MAX) {
      const next = this.#backlog.findIndex((row, index) => index > 0 && row.route === ALL_ROUTES)
      const count = next < 0 ? this.#backlog.length : next
      this.#backlog.splice(0, count)
      this.droppedRowCount += count
    }
  }
}
