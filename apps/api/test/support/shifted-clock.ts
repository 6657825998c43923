/** Loaded before the built server: its clock is ahead by the milliseconds in the file that SHIFT_FILE names. */
import { readFileSync } from 'node:fs'

const file = process.env['SHIFT_FILE'] ?? ''
const now = Date.now
let ahead = 0

setInterval(() => {
  ahead = Number(readFileSync(file, 'utf8'))
}, 20).unref()

Date.now = () => now() + ahead
