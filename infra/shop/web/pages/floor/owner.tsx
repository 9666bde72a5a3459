import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { workerOf } from '../../../../../lib/shop/domain/topology.js';
import type { OwnerMessage } from '../../page-messages.js';
import { count } from '../display/amount.js';

/** Asks which worker has a product, even one that no one has picked up yet. */
export function Owner({ path, say }: { path: string; say: (text: string) => void }) {
  const [answer, setAnswer] = useState('');
  const ask = async (event: TargetedEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const product = String(new FormData(event.currentTarget).get('product') ?? '').trim();
    const told = await askServer(path, product);
    setAnswer(told);
    say(told);
  };
  return (
    <form class="tools" onSubmit={(event) => void ask(event)}>
      <label class="tool tool-wide">
        <span class="hidden">Product whose worker you look for</span>
        <input
          name="product"
          required
          pattern=".*\S.*"
          title="The number of a product"
          maxLength={200}
          placeholder="Which worker has … ?"
          autocomplete="off"
        />
      </label>
      <button type="submit" class="tool">
        Tell
      </button>
      <p class="answer">{answer}</p>
    </form>
  );
}

async function askServer(path: string, product: string): Promise<string> {
  const answer = await fetch(`${path}/owner?${new URLSearchParams({ product })}`).catch(() => undefined);
  if (answer?.status !== 200) return 'No answer: try again.';
  const told = (await answer.json()) as OwnerMessage;
  return `${workerOf(told.queue)} has ${product}, by the hash of its name among ${told.queues} queues; ${evidence(told)}.`;
}

function evidence({ fits, of }: OwnerMessage): string {
  if (of === 0) return 'if they were bound in the order of their names, as no event has been seen yet';
  if (fits === of) return `all ${count(of)} products seen so far agree`;
  return `but only ${count(fits)} of ${count(of)} products seen so far agree: weights may differ, or have changed`;
}
