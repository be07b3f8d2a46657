import assert from 'node:assert/strict';
import { at, type Clock } from '../../gateway/domain/clock.ts';
import type { Doors } from '../../gateway/http/doors.ts';
import { failed, post, refused, row, SSN, settledOnce, underAttack } from './catalogue.ts';

const target = underAttack(
  () => ({
    fixtures: { words: { chunks: [`Rest. ${'Drink enough. '.repeat(30)}`, `SSN ${SSN}.`, ' End.'] } },
  }),
  ['redaction_unavailable'],
);

const UNAVAILABLE = { status: 503, code: 'redaction_unavailable' };

/** A clock on which every look takes three seconds, once it is told to be slow. */
function slowing(clock: Clock): Clock & { slow(): void } {
  let lateMs = 0;
  let stepMs = 0;
  return {
    now: () => {
      lateMs += stepMs;
      return at(clock.now() + lateMs);
    },
    slow: () => {
      stepMs = 3_000;
    },
  };
}

/** The gateway once more, whose scans take too long from its start, or from that batch of the model's on. */
function servedSlowly(from: 'start' | number): Promise<string> {
  return target.world.serveWith((doors) => {
    const clock = slowing(doors.house.clock);
    if (from === 'start') clock.slow();
    const upstream = lateUpstream(doors, (batch) => batch === from && clock.slow());
    return { ...doors, house: { ...doors.house, clock, upstream } };
  });
}

function lateUpstream({ house }: Doors, onBatch: (batch: number) => void): Doors['house']['upstream'] {
  const counted = async function* <T>(batches: AsyncIterable<T>): AsyncGenerator<T> {
    let batch = 0;
    for await (const one of batches) {
      onBatch(batch);
      batch += 1;
      yield one;
    }
  };
  return {
    isReady: house.upstream.isReady,
    embed: (call, signal) => house.upstream.embed(call, signal),
    ask: async (call, signal) => {
      const reply = await house.upstream.ask(call, signal);
      return { ...reply, events: counted(reply.events) };
    },
  };
}

row('L21', 'a prompt whose scan takes too long is not shown to the model', async () => {
  const url = await servedSlowly('start');
  const { world, key } = target;
  await refused(target, await post({ world, url, key }, { content: `SSN ${SSN}` }), UNAVAILABLE);
});

row('L21', 'an answer whose scan takes too long is not shown to the caller', async () => {
  const { world, key } = target;
  for (const stream of [false, true]) {
    const url = await servedSlowly(0);
    await failed(target, await post({ world, url, key }, { content: 'SIMULATE words', stream }), UNAVAILABLE);
  }
});

row(
  'L21',
  'a stream whose scan takes too long ends in an error frame, before the words that were not scanned',
  async () => {
    const url = await servedSlowly(1);
    const { world, key } = target;
    const answer = await post({ world, url, key }, { content: 'SIMULATE words', stream: true });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /redaction_unavailable/);
    assert.doesNotMatch(answer.text, /536-22|\[SSN\]|End\.|\[DONE\]/);
    await settledOnce(world, answer);
  },
);
