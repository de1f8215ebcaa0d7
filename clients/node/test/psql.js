// Real SQL on a real database without any package: each query is a psql of its own.

import { spawn } from 'node:child_process'

const URL = process.env.PLUMB_TEST_URL

/** Returns a `query(text, values)` as a pool of pg has it, for a role or as who connects. */
export function queryAs (role = null) {
  return (text, values = []) => new Promise((resolve, reject) => {
    const named = values.flatMap((value, index) => ['-v', `v${index + 1}=${value}`])
    const psql = spawn('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...named, '-d', URL], {
      env: { ...process.env, PGOPTIONS: role === null ? '' : `-c role=${role}` }
    })
    let said = ''
    let errors = ''
    psql.stdout.on('data', (chunk) => { said += chunk })
    psql.stderr.on('data', (chunk) => { errors += chunk })
    psql.on('error', reject)
    psql.on('close', (code) => {
      if (code !== 0) return reject(new Error(errors))
      resolve({ rows: [{ answer: said.trim() }] })
    })
    psql.stdin.end(text.replaceAll(/\$(\d)/g, ":'v$1'"))
  })
}
