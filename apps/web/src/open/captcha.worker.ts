import { solveCaptcha } from '@halfkey/sdk/open'

type Challenge = Parameters<typeof solveCaptcha>[0]

/** The solution, or null if there is none. */
const answer = async (challenge: Challenge): Promise<void> =>
  postMessage(await solveCaptcha(challenge).catch(() => null))

addEventListener('message', ({ data }: MessageEvent<Challenge>) => void answer(data))
