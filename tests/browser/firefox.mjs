// Opens pages in Firefox by WebDriver BiDi, and writes what is wrong with them as JSON.
// node firefox.mjs PATH-OF-FIREFOX < {"base": "http://…", "pages": {name: address}}

import { readFileSync } from 'node:fs'
import { launch } from 'puppeteer-core'

const { base, pages } = JSON.parse(readFileSync(0, 'utf8'))
const found = []

function sticksOut() {
  const width = document.documentElement.clientWidth
  const wide = [...document.body.querySelectorAll('*')].filter(element => {
    if (!element.checkVisibility()) return false // in a closed fold
    const box = element.getBoundingClientRect()
    const hidden = box.width <= 1 || getComputedStyle(element).position === 'absolute'
    return !hidden && (box.right > width + 1 || box.left < -1)
  })
  if (document.documentElement.scrollWidth > width) wide.unshift(document.documentElement)
  return wide.slice(0, 3).map(element => element.outerHTML.slice(0, 120))
}

// On a wide screen what is folded on a narrow one stands open, and every heading can be seen
function unseen() {
  const open = [...document.querySelectorAll('.app-fold a, main h1, main h2')]
  return open.filter(one => !one.checkVisibility() || !one.getBoundingClientRect().height).map(one => one.outerHTML.slice(0, 120))
}

const browser = await launch({ browser: 'firefox', executablePath: process.argv[2], headless: true })
try {
  const page = await browser.newPage()
  page.on('pageerror', error => found.push(`${page.url()}: ${error}`))
  for (const [name, address] of Object.entries(pages)) {
    await page.setViewport({ width: 1280, height: 900 })
    const answer = await page.goto(base + address)
    if (answer.status() !== 200) found.push(`${name}: its status is ${answer.status()}`)
    for (const element of await page.evaluate(unseen)) found.push(`${name}: cannot be seen: ${element}`)
    for (const width of [1280, 768, 320]) {
      await page.setViewport({ width, height: 640 })
      for (const element of await page.evaluate(sticksOut)) found.push(`${name}: too wide at ${width}: ${element}`)
    }
  }
} finally {
  await browser.close()
}
process.stdout.write(JSON.stringify(found))
