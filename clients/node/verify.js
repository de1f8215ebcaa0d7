#!/usr/bin/env node
// `npm run verify`: the full integrity scan, with the exit codes of ./plumb verify: 0 every
// invariant holds, 1 one is violated, 2 something could not be judged.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const checkout = fileURLToPath(new URL('../../plumb', import.meta.url))
const command = process.env.PLUMB_COMMAND || (existsSync(checkout) ? checkout : 'plumb')
const done = spawnSync(command, ['verify', ...process.argv.slice(2)], { stdio: 'inherit' })
if (done.error) {
  console.error(`plumb: ${command} cannot be run: ${done.error.message}`)
  console.error('       Set PLUMB_COMMAND to the path of ./plumb.')
}
process.exit(done.status ?? 2)
