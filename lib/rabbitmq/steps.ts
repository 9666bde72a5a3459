/** The points of a runner's life where a process may die and nothing must be lost, in the order they come. */
export type Step =
  | 'subscribed'
  | 'delivered'
  | 'opening written'
  | 'recovered'
  | 'outgoing repeated'
  | 'decided'
  | 'encoded'
  | 'one confirmed'
  | 'publish failed'
  | 'confirmed'
  | 'committed'
  | 'reasons logged'
  | 'acknowledged'
  | 'marked confirmed'
  | 'snapshot begun'
  | 'snapshot written';

export type OnStep = (step: Step) => void;
