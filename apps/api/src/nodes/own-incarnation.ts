import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { nodeStream, type Incarnation } from '#domain';
import { takeNodeSlot, type NodeSlot } from '#shared/composition/node-slot';
import { Settings } from '#shared/settings/settings';
import { CommandHandlings } from '../infrastructure/command-handlings.ts';

/**
 * This process in the log: started before it accepts a socket, stopped after it has closed the last. Starting
 * also records the loss of an incarnation before it that never stopped.
 */
@Injectable()
export class OwnIncarnation {
  readonly #logger = new Logger(OwnIncarnation.name);
  readonly #settings: Settings;
  readonly #handlings: CommandHandlings;
  #slot: NodeSlot | null = null;
  #incarnation: Incarnation | null = null;

  constructor(@Inject(Settings) settings: Settings, handlings: CommandHandlings) {
    this.#settings = settings;
    this.#handlings = handlings;
  }

  /** Who holds the sockets of this process. */
  get current(): Incarnation {
    if (this.#incarnation === null) throw new Error('The node has not started');
    return this.#incarnation;
  }

  /** Who acts in commands that this process sends of its own accord. */
  get actor(): string {
    return `node:${this.current.nodeId}`;
  }

  async start(): Promise<void> {
    this.#slot = takeNodeSlot(this.#settings);
    const { nodeId } = this.#slot;
    const { state } = await this.#handlings.nodes.handle(
      nodeStream(nodeId),
      { type: 'StartNode', nodeId },
      this.#context(nodeId),
    );
    this.#incarnation = { nodeId, incarnation: state.incarnation };
    this.#logger.log(`Node ${nodeId}, incarnation ${state.incarnation}`);
  }

  /** Ends in good order where that can be recorded; where it cannot, others find the incarnation lost. */
  async stop(): Promise<void> {
    if (this.#incarnation === null) return;
    const { nodeId } = this.#incarnation;
    try {
      await this.#handlings.nodes.handle(
        nodeStream(nodeId),
        { type: 'StopNode', ...this.#incarnation },
        this.#context(nodeId),
      );
    } catch (error) {
      this.#logger.warn(`The stop of node ${nodeId} is not recorded: ${String(error)}`);
    }
    this.#incarnation = null;
    this.#slot?.release();
  }

  #context(nodeId: string) {
    const commandId = randomUUID();
    return { commandId, correlationId: commandId, actor: `node:${nodeId}` };
  }
}
