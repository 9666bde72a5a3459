import { useRef } from 'preact/hooks';

/** The shop's words, each with what RabbitMQ calls it. */
const WORDS = [
  ['Sensor', 'Sees what customers pick up and purchase, and sends an event for each.'],
  [
    'Worker',
    'Keeps the baskets of its products and makes the bills. If several share a queue, one is active and the others stand by.',
  ],
  ['By product', 'Both events of a product go to the same worker. In RabbitMQ: a consistent hash exchange.'],
  ['Queue', 'Where messages wait in line until they are handled.'],
  ['Basket', 'What was picked up and not yet purchased.'],
  ['Bill', 'One for each purchase, 20 % off. It waits for the till in the queue billing_events.'],
  [
    'Refused event',
    'A worker could not handle it. In RabbitMQ: a dead letter, which waits in shopping_events_dead_letter_queue.',
  ],
  ['Sent back', 'Someone sent it back to where it came from, to be handled again: redriven. It may be refused again.'],
  ['Dropped', 'Someone removed it for good: purged.'],
  ['Invocation', 'One call of a handler, with one message or a batch of them.'],
  ['Hop by hop', 'The path of one event, from the sensor to the customer, with the time that each part took.'],
  ['Since', 'Older messages are no longer kept: counting begins then.'],
] as const;

/** What the words of the page mean. */
export function Glossary() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" class="tool small help" onClick={() => dialog.current?.showModal()}>
        <span aria-hidden="true">?</span>
        <span class="hidden">What the words mean</span>
      </button>
      <dialog ref={dialog} class="confirm glossary" aria-label="What the words mean">
        <dl>
          {WORDS.map(([word, meaning]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <button type="button" class="tool" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  );
}
