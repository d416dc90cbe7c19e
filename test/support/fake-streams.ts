import type { sendUnaryData } from '@grpc/grpc-js';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import {
  AppendReq,
  AppendResp,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { FakeEventStoreDb, type AppendAtServer, type ReadAtServer } from './fake-eventstoredb.ts';

interface StoredEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly message: AppendReq.ProposedMessage;
}

/**
 * Starts an in-process EventStoreDB whose streams can be read and appended to. Its log has no reads of its own.
 *
 * @param port a free port by default
 */
export function startFakeStreams(port = 0): Promise<FakeEventStoreDb> {
  const events: StoredEvent[] = [];
  return FakeEventStoreDb.start({
    port,
    onRead: (call) => answerRead(call, events),
    onAppend: (call, answer) => answerAppend(call, events, answer),
  });
}

function answerRead(call: ReadAtServer, events: readonly StoredEvent[]): void {
  const options = call.request.getOptions();
  const stream = options?.getStream();
  if (options === undefined || stream === undefined) return void call.end();
  const name = textOf(stream.getStreamIdentifier());
  const found = events.filter((event) => event.stream === name);
  if (found.length === 0) {
    const missing = new ReadResp.StreamNotFound().setStreamIdentifier(identifier(name));
    call.write(Buffer.from(new ReadResp().setStreamNotFound(missing).serializeBinary()));
  }
  const isForwards = options.getReadDirection() === ReadReq.Options.ReadDirection.FORWARDS;
  const ordered = isForwards ? found : found.toReversed();
  for (const event of ordered.slice(0, Number(options.getCount()))) call.write(recorded(event));
  call.end();
}

function answerAppend(
  call: AppendAtServer,
  events: StoredEvent[],
  answer: sendUnaryData<AppendResp>,
): void {
  const requests: AppendReq[] = [];
  call.on('data', (request: AppendReq) => requests.push(request));
  call.on('end', () => answer(null, append(requests, events)));
}

function append([first, ...rest]: readonly AppendReq[], events: StoredEvent[]): AppendResp {
  const options = first?.getOptions();
  const stream = textOf(options?.getStreamIdentifier());
  const current = events.filter((event) => event.stream === stream).length - 1;
  const isExpected =
    options?.hasAny() === true ||
    (options?.hasNoStream() === true && current === -1) ||
    (options?.hasRevision() === true && Number(options.getRevision()) === current);
  if (!isExpected) {
    const refusal = new AppendResp.WrongExpectedVersion();
    if (current === -1) refusal.setCurrentNoStream(new Empty());
    else refusal.setCurrentRevision(String(current));
    return new AppendResp().setWrongExpectedVersion(refusal);
  }
  for (const request of rest) {
    const message = request.getProposedMessage() ?? new AppendReq.ProposedMessage();
    const revision = events.filter((event) => event.stream === stream).length;
    events.push({ stream, revision, position: (events.length + 1) * 100, message });
  }
  const last = String(events.at(-1)?.position ?? 0);
  const position = new AppendResp.Position().setCommitPosition(last).setPreparePosition(last);
  return new AppendResp().setSuccess(
    new AppendResp.Success()
      .setCurrentRevision(String(current + rest.length))
      .setPosition(position),
  );
}

function recorded({ stream, revision, position, message }: StoredEvent): Buffer {
  const event = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(message.getId()?.getString() ?? ''))
    .setStreamIdentifier(identifier(stream))
    .setStreamRevision(String(revision))
    .setCommitPosition(String(position))
    .setPreparePosition(String(position))
    .setData(message.getData())
    .setCustomMetadata(message.getCustomMetadata());
  for (const [key, value] of message.getMetadataMap().entries()) {
    event.getMetadataMap().set(key, value);
  }
  event.getMetadataMap().set('created', '0');
  const answer = new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(event));
  return Buffer.from(answer.serializeBinary());
}

function identifier(stream: string): StreamIdentifier {
  return new StreamIdentifier().setStreamName(Buffer.from(stream));
}

function textOf(stream: StreamIdentifier | undefined): string {
  return Buffer.from(stream?.getStreamName_asU8() ?? []).toString();
}
