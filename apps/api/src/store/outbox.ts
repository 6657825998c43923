/** The part of the store's contract that tells owners: webhooks, and messages written with the events they tell of. */
import type { WireDeliveryStatus } from '@halfkey/sdk'
import type { Message, NewMessage } from '../domain/notices/notice.ts'
import type { Webhook } from '../domain/notices/webhook.ts'

export interface DeliveryQuery {
  workspaceId: number
  status?: WireDeliveryStatus
  /** From 1. */
  page: number
  perPage: number
}

export interface ClaimQuery {
  now: number
  leaseUntil: number
  limit: number
  /** Receivers whose messages are passed over. */
  except?: readonly string[]
}

/** A claimed message, by what tells this claim from a later one. */
export type Claim = Pick<Message, 'id' | 'attempts'>

/** `nextAt` null: given up. */
export type Settlement = { deliveredAt: number } | { error: string; nextAt: number | null }

export interface OutboxStore {
  /** false, and nothing made: the workspace has `limit` webhooks. */
  createWebhook(webhook: Webhook, limit: number): Promise<boolean>
  listWebhooks(workspaceId: number): Promise<Webhook[]>
  findWebhook(id: string): Promise<Webhook | undefined>
  /** The secret that was newest becomes the previous one, until `previousUntil`. */
  rotateWebhook(id: string, sealedSecret: Buffer, previousUntil: number): Promise<Webhook | undefined>
  /** Also gives up what waits for it. */
  deleteWebhook(id: string): Promise<void>

  addMessage(message: NewMessage): Promise<Message>
  /** Adds a message to a secret's recipient, unless the secret has ended or `limit` were added before. */
  addNotice(
    message: NewMessage & { secretId: number },
    limit: number,
    now: number,
  ): Promise<Message | 'ended' | 'limit'>
  /**
   * Messages that are due, each for this caller alone until `leaseUntil`: a caller that doesn't settle one by then has
   * lost it, and the next gets it.
   */
  claimMessages(query: ClaimQuery): Promise<Message[]>
  /**
   * Does nothing if the message was claimed again meanwhile, nor puts off one that was given up. A delivered message forgets
   * its address.
   */
  settleMessage(claim: Claim, settlement: Settlement): Promise<void>
  /** Newest first. */
  listDeliveries(query: DeliveryQuery): Promise<{ deliveries: Message[]; total: number }>
  /** Makes a message due again; `forgotten`: its address or its webhook is gone. */
  redeliver(workspaceId: number, id: string, now: number): Promise<Message | 'unknown' | 'forgotten'>
}
