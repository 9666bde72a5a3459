import { useState } from 'preact/hooks';
import type { RanAgain, RunOutcome } from '../../page-messages.js';
import { milliseconds } from '../display/amount.js';
import { ask } from './act.js';
import { Copy } from './copy.js';

/** A batch may have led to hundreds of messages. */
const MOST_SHOWN = 10_000;

export interface RunAgainProps {
  readonly queue: string;
  readonly requestId: string;
  readonly say: (text: string) => void;
}

/** What today's code makes of an invocation's event, next to what was made of it then. */
export function RunAgain({ queue, requestId, say }: RunAgainProps) {
  const [ran, setRan] = useState<RanAgain>();
  const [told, setTold] = useState('');
  const [isRunning, setRunning] = useState(false);
  const run = async (): Promise<void> => {
    setRunning(true);
    const answer = await ask('run-again', { queue, requestId });
    const result = typeof answer === 'string' ? undefined : ((await answer.json()) as RanAgain);
    const text = result === undefined ? String(answer) : inWords(result);
    setRan(result);
    setTold(text);
    say(text);
    setRunning(false);
  };
  return (
    <>
      <button type="button" class="tool" disabled={isRunning} onClick={() => void run()}>
        {isRunning ? 'Running …' : 'Run again'}
      </button>
      <p class="quiet">{told || "With today's code and the baskets of then. Nothing is published."}</p>
      {ran !== undefined && (ran.same ? <Outcome name="Then and now" outcome={ran.now} /> : <Both ran={ran} />)}
    </>
  );
}

function Both({ ran: { earlier, now } }: { ran: RanAgain }) {
  return (
    <>
      <Outcome name="Then, where it differs" outcome={differing(earlier, now)} />
      <Outcome name="Now, where it differs" outcome={differing(now, earlier)} />
    </>
  );
}

/** The parts of an answer that the other one does not have in the same place. */
function differing(one: RunOutcome, other: RunOutcome): RunOutcome {
  if ('error' in one || 'error' in other) return one;
  const only = (list: 'batchItemFailures' | 'outgoing') =>
    one.answer[list].filter((item, index) => JSON.stringify(item) !== JSON.stringify(other.answer[list][index]));
  return { answer: { batchItemFailures: only('batchItemFailures'), outgoing: only('outgoing') } };
}

function Outcome({ name, outcome }: { name: string; outcome: RunOutcome }) {
  const text = 'error' in outcome ? outcome.error : JSON.stringify(outcome.answer, null, 2);
  const left = text.length - MOST_SHOWN;
  return (
    <>
      <h3>{name}</h3>
      <pre>
        {text.slice(0, MOST_SHOWN)}
        {left > 0 && `\n… and ${left} more characters, which the copy includes`}
      </pre>
      <Copy text={text} what={name} />
    </>
  );
}

function inWords({ same, now, handlerMs }: RanAgain): string {
  const how = 'error' in now ? 'It fails' : `It answers after ${milliseconds(handlerMs)}`;
  return `${how}, ${same ? 'as' : 'and not as'} it did then. Nothing was published.`;
}
