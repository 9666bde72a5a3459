import type { TargetedEvent } from 'preact';
import { useState } from 'preact/hooks';
import { act } from './act.js';
import { Panel } from './panel.js';

/** Does what the sensor does when a customer takes something. */
export function SendEvent({ say }: { say: (text: string) => void }) {
  const [answer, setAnswer] = useState('');
  const send = async (event: TargetedEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wish = {
      event_type: form.get('type'),
      product_number: String(form.get('product')).trim(),
      timestamp: new Date().toISOString(),
    };
    const told = (await act('events', wish)) ?? `Sent: ${wish.event_type} ${wish.product_number}.`;
    setAnswer(told);
    say(told);
  };
  return (
    <Panel id="send" title="Be the sensor" about="Send what a customer does, and watch what comes of it.">
      <form class="tools" onSubmit={(event) => void send(event)}>
        <label class="tool">
          <span class="hidden">What the customer does</span>
          <select name="type">
            <option value="pick up">pick up</option>
            <option value="purchase">purchase</option>
          </select>
        </label>
        <label class="tool tool-wide">
          <span class="hidden">Product</span>
          <input
            name="product"
            required
            pattern=".*\S.*"
            title="The number of a product"
            maxLength={200}
            placeholder="Product, such as AX-123"
            autocomplete="off"
          />
        </label>
        <button type="submit" class="tool">
          Send
        </button>
        <p class="answer">{answer}</p>
      </form>
    </Panel>
  );
}
