/**
 * What kiosks hold of the ABIS's templates, and what they are sent: of every kiosk, the people that operations have
 * named for it and that it asked for, as far as the ABIS itself compares with them.
 *
 *     question ─▶ what it holds is known? ─▶ what is missing, what is too much ─▶ kept (one batch) ─▶ gallery
 *                   no: from nothing          as much as one change takes
 *
 * Always true:
 * - What a kiosk is sent is on the disk before it is published, so that its next question, which names the digest after
 *   it, says that it arrived; one that names the digest before it gets the same again.
 * - Nobody is sent to a kiosk for which operations did not sign their region, whatever the kiosk asks for.
 * - Nobody is sent who is not in the ABIS's own search: withdrawn, superseded, or somebody's duplicate.
 */
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Change, Kv } from '../kv/kv.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import {
  ChangeContent,
  digestAfter,
  type GalleryPerson,
  type GalleryQuestion,
  galleryScopeSchema,
} from '../record/gallery-change.ts'
import type { AbisSeal } from '../seal/seal.ts'
import {
  decodeValue,
  EMPTY,
  encodeValue,
  type GalleryState,
  type GrantedScope,
  keyOf,
  lastPart,
  type PendingChange,
  under,
} from './layout.ts'
import type { Registry } from './registry.ts'
import type { Searcher } from './searcher.ts'

/** Of a configuration; the rest is the kiosk's business. */
const configurationSchema = z.object({
  version: z.int().min(1),
  settings: z.object({ gallery: z.object({ scope: galleryScopeSchema.optional() }).optional() }),
})

export interface GalleriesParts {
  readonly broker: Broker
  readonly kv: Kv
  readonly seal: Pick<AbisSeal, 'sealGallery' | 'signerOf' | 'openConfig'>
  readonly clock: Clock
  readonly log: Log
  readonly registry: Pick<Registry, 'record'>
  readonly searcher: Pick<Searcher, 'within' | 'positionsOf'>
  /** One change of what the ABIS keeps after the other. */
  inOrder<T>(change: () => Promise<T>): Promise<T>
  readonly signal: AbortSignal
}

/** Whom a kiosk should hold, in the order of their ids. */
interface Target {
  readonly ids: ReadonlySet<string>
  readonly fingers: number
}

export class Galleries {
  /** The last question of each kiosk, since the start: what is sent unasked is measured by it. */
  private readonly asked = new Map<string, GalleryQuestion>()
  /** Kiosks that have to be answered, first come first; those without a question are sent something unasked. */
  private readonly due = new Map<string, GalleryQuestion | undefined>()
  private working: Promise<void> | undefined

  constructor(private readonly parts: GalleriesParts) {}

  /** Operations want this configuration of a kiosk. Rejects with `seal/…` where they did not sign it. */
  async configured(kiosk: string, body: Uint8Array): Promise<void> {
    // They took the retained message away: that says nothing about whom it may hold.
    if (body.length === 0) return
    const { kv, seal, inOrder } = this.parts
    const { version, settings } = await seal.openConfig(kiosk, body, configurationSchema)
    const scope = settings.gallery?.scope ?? []
    const isOther = await inOrder(async () => {
      const before = await this.value<GrantedScope>(keyOf.scope(kiosk))
      // Who never had a scope needs no memory of it: there is no old one to be brought back.
      if (before === undefined ? scope.length === 0 : before.version >= version) return false
      const granted: GrantedScope = { version, scope }
      await kv.write([{ put: keyOf.scope(kiosk), value: encodeValue(granted) }])
      return String(before?.scope) !== String(scope)
    })
    if (isOther) this.wake(kiosk)
  }

  /** A kiosk says what it holds. It is answered in its turn: nothing that was submitted waits behind it. */
  answer(kiosk: string, question: GalleryQuestion): void {
    this.asked.set(kiosk, question)
    this.due.set(kiosk, question)
    this.wake(kiosk)
  }

  /** Their fingers are gone here: kiosks that hold them are told now. */
  async erased(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    for (const kiosk of this.asked.keys())
      for (const id of ids)
        if ((await this.parts.kv.get(keyOf.held(kiosk, id))) !== undefined) this.wake(kiosk)
  }

  async idle(): Promise<void> {
    await this.working
  }

  private wake(kiosk: string): void {
    if (!this.due.has(kiosk)) this.due.set(kiosk, undefined)
    this.working ??= this.work()
  }

  private async work(): Promise<void> {
    for (const [kiosk, question] of this.due) {
      this.due.delete(kiosk)
      if (this.parts.signal.aborted) break
      try {
        if (question === undefined) await this.sendUnasked(kiosk)
        else await this.send(kiosk, question, await this.settled(kiosk, question))
      } catch (error) {
        // The kiosk asks again.
        const code = error instanceof KioskError ? error.code : 'bug'
        if (!this.parts.signal.aborted) this.parts.log.error('abis/gallery', { kiosk, code })
      }
    }
    this.working = undefined
  }

  /** Where nothing is under way: else the kiosk's next question gets it. */
  private async sendUnasked(kiosk: string): Promise<void> {
    const question = this.asked.get(kiosk)
    const state = await this.value<GalleryState>(keyOf.gallery(kiosk))
    if (question !== undefined && state?.digest !== undefined && state.pending === undefined)
      await this.send(kiosk, question, state)
  }

  /** What the kiosk holds, as it says itself, with what was sent from there on; nothing: it begins from its question. */
  private async settled(kiosk: string, { question, gallery }: GalleryQuestion): Promise<GalleryState> {
    const { digest } = gallery
    const state = (await this.value<GalleryState>(keyOf.gallery(kiosk))) ?? {}
    const { pending } = state
    if (digest !== undefined && digest === pending?.digest) {
      const arrived: GalleryState = { digest }
      await this.write([
        { put: keyOf.gallery(kiosk), value: encodeValue(arrived) },
        ...pending.remove.map(id => ({ delete: keyOf.held(kiosk, id) })),
        ...pending.add.map(id => ({ put: keyOf.held(kiosk, id), value: EMPTY })),
      ])
      return arrived
    }
    if (digest !== undefined && digest === state.digest) return state
    if (digest === undefined && state.digest === undefined && pending?.previous === question) return state
    const changes: Change[] = [{ delete: keyOf.gallery(kiosk) }]
    for (const id of await this.heldBy(kiosk)) changes.push({ delete: keyOf.held(kiosk, id) })
    await this.write(changes)
    return {}
  }

  private async send(kiosk: string, asked: GalleryQuestion, state: GalleryState): Promise<void> {
    const { clock, seal, log } = this.parts
    const certificate = seal.signerOf(kiosk)
    if (certificate === undefined) return
    const { question, gallery } = asked
    const previous = state.digest ?? question
    const target = await this.targetOf(kiosk, asked)
    const isTooLarge = target.fingers > gallery.fingersMax
    const held = new Set(state.digest === undefined ? [] : await this.heldBy(kiosk))
    const wanted = isTooLarge ? new Set<string>() : target.ids
    const { content, complete } =
      (await this.again(state.pending, wanted)) ?? (await this.contentFor({ held, target, wanted }))
    const digest = digestAfter(previous, content)
    await this.keep(kiosk, state, { previous, digest, content })
    const { remove, add } = content
    if (remove.length + add.length > 0)
      log.info('abis/gallery', { kiosk, added: add.length, removed: remove.length, inScope: target.fingers })
    const at = new Date(clock.nowMs()).toISOString()
    const change = { previous, digest, remove, add, inScope: target.fingers, complete, at }
    await this.publish(kiosk, (await seal.sealGallery(kiosk, change, certificate)).body)
  }

  /** Before it is published; nothing where it changes nothing. */
  private async keep(
    kiosk: string,
    { digest: before, pending }: GalleryState,
    { previous, digest, content }: { previous: string; digest: string; content: ChangeContent },
  ): Promise<void> {
    if (digest === pending?.digest || (digest === before && pending === undefined)) return
    const state: GalleryState = {
      ...(before !== undefined && { digest: before }),
      ...(digest !== before && {
        pending: { previous, digest, remove: content.remove, add: content.add.map(({ id }) => id) },
      }),
    }
    await this.write([{ put: keyOf.gallery(kiosk), value: encodeValue(state) }])
  }

  /** What was sent and may be under way; undefined: there is none, or somebody in it must not be sent any more. */
  private async again(
    pending: PendingChange | undefined,
    wanted: ReadonlySet<string>,
  ): Promise<{ content: ChangeContent; complete: boolean } | undefined> {
    if (pending === undefined || !pending.add.every(id => wanted.has(id))) return undefined
    const content = new ChangeContent()
    for (const id of pending.remove) content.forget(id)
    for (const id of pending.add) {
      const person = await this.personOf(id)
      if (person === undefined || !content.include(person)) return undefined
    }
    // Whether something has come about since is known once it has arrived.
    return { content, complete: false }
  }

  private async contentFor({
    held,
    target,
    wanted,
  }: {
    held: ReadonlySet<string>
    target: Target
    wanted: ReadonlySet<string>
  }): Promise<{ content: ChangeContent; complete: boolean }> {
    const content = new ChangeContent()
    for (const id of held) if (!target.ids.has(id) && !content.forget(id)) return { content, complete: false }
    for (const id of wanted) {
      if (held.has(id)) continue
      const person = await this.personOf(id)
      if (person !== undefined && !content.include(person)) return { content, complete: false }
    }
    return { content, complete: true }
  }

  private async targetOf(kiosk: string, { gallery }: GalleryQuestion): Promise<Target> {
    const { searcher, log } = this.parts
    const granted = await this.value<GrantedScope>(keyOf.scope(kiosk))
    // Operations signed none; or they did, and the broker's access list keeps it from us, which Mosquitto does without a word.
    if (granted === undefined && gallery.scope.length > 0) log.warn('abis/gallery-scope-unsigned', { kiosk })
    const ids = [...searcher.within([granted?.scope ?? [], gallery.scope])].filter(
      id => searcher.positionsOf(id).length > 0,
    )
    const fingers = ids.reduce((sum, id) => sum + searcher.positionsOf(id).length, 0)
    return { ids: new Set(ids.sort()), fingers }
  }

  /** Undefined: erased meanwhile. */
  private async personOf(id: string): Promise<GalleryPerson | undefined> {
    const positions = this.parts.searcher.positionsOf(id)
    const record = await this.parts.registry.record(id)
    const fingers = (record?.fingers ?? []).flatMap(finger =>
      'template' in finger && positions.includes(finger.position)
        ? [{ position: finger.position, template: finger.template }]
        : [],
    )
    return fingers.length === 0 ? undefined : { id, fingers }
  }

  private async heldBy(kiosk: string): Promise<string[]> {
    const ids: string[] = []
    for await (const { key } of this.parts.kv.range(under(keyOf.held(kiosk, '')))) ids.push(lastPart(key))
    return ids
  }

  /** One that finds no broker is asked for again. */
  private async publish(kiosk: string, body: Uint8Array): Promise<void> {
    const { broker, log, signal } = this.parts
    try {
      await broker.publish({ topic: kioskTopic(kiosk, 'gallery'), body, qos: 1 }, signal)
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      log.warn('abis/unanswered', { kiosk, name: 'gallery', code: error.code })
    }
  }

  private async value<T>(key: string): Promise<T | undefined> {
    const bytes = await this.parts.kv.get(key)
    return bytes && decodeValue<T>(key, bytes)
  }

  private async write(changes: readonly Change[]): Promise<void> {
    await this.parts.inOrder(() => this.parts.kv.write(changes))
  }
}
