// Scores pages by Lighthouse in Chromium, and writes what it found as JSON: {name: {category: score, …, lost: [audit]}}.
// node scores.mjs PATH-OF-CHROMIUM < {"base": "http://…", "pages": {name: address}}

import { readFileSync } from 'node:fs'
import { launch } from 'chrome-launcher'
import lighthouse from 'lighthouse'

const ROUNDS = 4 // a machine with other work takes from how fast a page is, and gives nothing to it
const { base, pages } = JSON.parse(readFileSync(0, 'utf8'))
const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const chrome = await launch({ chromePath: process.argv[2], chromeFlags: flags, logLevel: 'silent' })
const found = {}
try {
  for (const [name, address] of Object.entries(pages)) {
    let lhr
    for (let round = 0; round < ROUNDS && (lhr?.categories.performance.score ?? 0) < 1; round++) {
      ({ lhr } = await lighthouse(base + address, { port: chrome.port, logLevel: 'error' }))
    }
    const lost = Object.values(lhr.categories).flatMap(category =>
      category.auditRefs.filter(one => one.weight && (lhr.audits[one.id].score ?? 1) < 1).map(one => one.id))
    const scores = Object.entries(lhr.categories).map(([id, category]) => [id, Math.round(category.score * 100)])
    found[name] = { ...Object.fromEntries(scores), lost }
  }
} finally {
  await chrome.kill()
}
process.stdout.write(JSON.stringify(found))
