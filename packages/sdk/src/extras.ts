/** What most pages never use: the script-tag bundle loads it when it is first used (extras.cdn.ts). */
export { Audit } from './audit.ts'
export { solveCaptcha } from './captcha.ts'
export { readFile } from './download.ts'
export { createWithFiles, openSources } from './upload.ts'
export { sendNotice, Webhooks } from './webhooks.ts'
