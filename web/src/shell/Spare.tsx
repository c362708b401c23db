import { Component, type ReactNode } from "react";

/** What the page can do without: where it cannot be shown, the rest of the page is. */
export class Spare extends Component<{ readonly children: ReactNode }, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? null : this.props.children;
  }
}
