/** All that is about requests, as one part that is loaded when it is first used (lazy.ts). */
export { openAsk } from './answer.ts'
export { openCollect } from './collect.ts'
export { createRequest } from './create.ts'
export { collect, deleteRequest, getRequest, getRequestStats, listRequests, patchRequest } from './owner.ts'
export { openReceipt } from './receipt.ts'
