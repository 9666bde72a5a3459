import { Component, type ComponentType, createElement } from 'preact';

/** Draws a component again only when one of its properties has changed. Preact has this, but only in its React layer. */
export function memo<Props extends object>(Inner: ComponentType<Props>): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      return Object.entries(next).some(([name, value]) => this.props[name as keyof Props] !== value);
    }

    override render() {
      return createElement(Inner, this.props as Props);
    }
  } as ComponentType<Props>;
}
