/** Solves captchas by spec/captcha.md with node:crypto alone. */
import { createHash } from 'node:crypto'

export interface Challenge {
  algorithm: string
  challenge: string
  maxnumber: number
  salt: string
  signature: string
}

export const encodeSolution = (payload: object): string => Buffer.from(JSON.stringify(payload)).toString('base64')

export function solve({ maxnumber, ...challenge }: Challenge): string {
  for (let number = 0; number <= maxnumber; number++)
    if (createHash('sha256').update(`${challenge.salt}${number}`).digest('hex') === challenge.challenge)
      return encodeSolution({ ...challenge, number })
  throw new Error('the challenge has no solution')
}
