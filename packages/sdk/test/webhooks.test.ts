import { describe, expect, test } from 'vitest'
import { Halfkey } from '../src/client.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Script } from './scripted.ts'

const wireWebhook = {
  id: 'wh_1',
  url: 'https://hooks.example/',
  created_at: '2030-01-01T00:00:00.000Z',
  previous_until: null,
}
const webhook = {
  id: 'wh_1',
  url: 'https://hooks.example/',
  createdAt: new Date('2030-01-01'),
  previousUntil: null,
}
const wireDelivery = {
  id: 'msg_1',
  kind: 'webhook',
  webhook_id: 'wh_1',
  type: 'secret.opened',
  slug: '3o96QakHVUfuD',
  handler: null,
  status: 'pending',
  attempts: 1,
  created_at: '2030-01-01T00:00:00.000Z',
  next_at: '2030-01-01T00:01:00.000Z',
  delivered_at: null,
  last_error: 'the receiver answered 500',
}
const delivery = {
  id: 'msg_1',
  kind: 'webhook',
  webhookId: 'wh_1',
  type: 'secret.opened',
  slug: '3o96QakHVUfuD',
  handler: null,
  status: 'pending',
  attempts: 1,
  createdAt: new Date('2030-01-01'),
  nextAt: new Date('2030-01-01T00:01:00Z'),
  deliveredAt: null,
  lastError: 'the receiver answered 500',
}
const pagination = { current_page: 2, per_page: 10, total: 11, last_page: 2 }

async function connect(script: Script) {
  const { url, requests } = await scriptedServer(script)
  const client = new Halfkey({ baseUrl: url, token: 'hkt_abc_c2VjcmV0' })
  return { client, sent: () => requests.map(({ method, path, body }) => [method, path, body].join(' ').trim()) }
}

describe('each call sends what the API has it, and reads the reply', () => {
  test.each([
    ['list', [wireWebhook], [webhook], 'GET /api/v1/webhooks', ({ webhooks }: Halfkey) => webhooks.list()],
    [
      'create',
      { ...wireWebhook, secret: 'whsec_x' },
      { ...webhook, secret: 'whsec_x' },
      'POST /api/v1/webhooks {"url":"https://hooks.example/"}',
      ({ webhooks }: Halfkey) => webhooks.create('https://hooks.example/'),
    ],
    [
      'rotate',
      { ...wireWebhook, secret: 'whsec_y', previous_until: '2030-01-02T00:00:00.000Z' },
      { ...webhook, secret: 'whsec_y', previousUntil: new Date('2030-01-02') },
      'POST /api/v1/webhooks/wh_1/rotate',
      ({ webhooks }: Halfkey) => webhooks.rotate('wh_1'),
    ],
    [
      'test',
      wireDelivery,
      delivery,
      'POST /api/v1/webhooks/wh_1/test',
      ({ webhooks }: Halfkey) => webhooks.test('wh_1'),
    ],
    ['delete', null, undefined, 'DELETE /api/v1/webhooks/wh_1', ({ webhooks }: Halfkey) => webhooks.delete('wh_1')],
    [
      'redeliver',
      wireDelivery,
      delivery,
      'POST /api/v1/deliveries/msg_1/redeliver',
      ({ webhooks }: Halfkey) => webhooks.redeliver('msg_1'),
    ],
    [
      'sendNotice',
      wireDelivery,
      delivery,
      'POST /api/v1/secrets/3o96QakHVUfuD/notice {"email":"a@b.example"}',
      (client: Halfkey) => client.sendNotice('3o96QakHVUfuD', 'a@b.example'),
    ],
  ])('%s', async (_, data, expected, line, call) => {
    const { client, sent } = await connect([success(data)])
    expect(await call(client)).toEqual(expected)
    expect(sent()).toEqual([line])
  })

  test('deliveries', async () => {
    const { client, sent } = await connect([success([wireDelivery], { pagination })])
    expect(await client.webhooks.deliveries({ status: 'failed', limit: 10, page: 2 })).toEqual({
      deliveries: [delivery],
      pagination: { currentPage: 2, perPage: 10, total: 11, lastPage: 2 },
    })
    expect(sent()).toEqual(['GET /api/v1/deliveries?status=failed&per_page=10&page=2'])
  })
})

test.each([
  ['create', ({ webhooks }: Halfkey) => webhooks.create('https://hooks.example/')],
  ['rotate', ({ webhooks }: Halfkey) => webhooks.rotate('wh_1')],
  ['sendNotice', (client: Halfkey) => client.sendNotice('3o96QakHVUfuD', 'a@b.example')],
])('%s isn’t tried again, because a second call would do more', async (_, call) => {
  const { client, sent } = await connect(() => failure(503, 'UNAVAILABLE'))
  expect(await errorOf(call(client))).toMatchObject({ code: 'UNAVAILABLE' })
  expect(sent()).toHaveLength(1)
})

test('wrong arguments and options are refused before anything is sent', async () => {
  const { client, sent } = await connect([])
  const refused = { code: 'VALIDATION_ERROR' }
  expect(await errorOf(client.webhooks.rotate('../tokens'))).toMatchObject(refused)
  expect(await errorOf(client.webhooks.deliveries({ limit: 101 }))).toMatchObject(refused)
  expect(await errorOf(client.webhooks.list({ page: 1 } as object))).toMatchObject(refused)
  expect(await errorOf(client.sendNotice('3o96QakHVUfuD', 'nobody'))).toMatchObject(refused)
  expect(sent()).toEqual([])
})
