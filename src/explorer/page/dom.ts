/**
 * The part of a browser that the pages use. Nothing else of it is touched, and tests can stand in for it.
 *
 * @module
 */

/** Something that happened in a page. */
export interface PageEvent {
  /** The key, such as `ArrowRight`; only on key events. */
  readonly key: string;
  /** Whether a key is held with which the browser's own commands begin. */
  readonly ctrlKey: boolean;
  /** The same. */
  readonly metaKey: boolean;
  /** The same. */
  readonly altKey: boolean;
  /** The element at which it happened. */
  readonly target: PageElement | null;
  /** Keeps the browser from doing what it would do. */
  readonly preventDefault: () => void;
}

/** An element. Members of inputs are there on all: the pages read them where they belong only. */
export interface PageElement {
  /** Its text. */
  textContent: string | null;
  /** The value of an input. */
  value: string;
  /** Whether a box is ticked. */
  checked: boolean;
  /** Whether it can be used. */
  disabled: boolean;
  /** Whether it is shown. */
  hidden: boolean;
  /** The files that were chosen; only on an input for them. */
  readonly files?: ArrayLike<{ readonly text: () => Promise<string> }> | null;
  /** Its style; set piece by piece, which a content security policy permits. */
  readonly style: { readonly setProperty: (name: string, value: string) => void };
  /** Its classes. */
  readonly classList: {
    readonly add: (name: string) => void;
    readonly remove: (name: string) => void;
  };
  /** Adds children. */
  readonly append: (...children: (PageElement | string)[]) => void;
  /** Puts children in place of those that are there. */
  readonly replaceChildren: (...children: (PageElement | string)[]) => void;
  /** Sets an attribute. */
  readonly setAttribute: (name: string, value: string) => void;
  /** Reads an attribute. */
  readonly getAttribute: (name: string) => string | null;
  /** Takes an attribute away. */
  readonly removeAttribute: (name: string) => void;
  /** Listens. */
  readonly addEventListener: (name: string, listener: (event: PageEvent) => void) => void;
  /** The nearest element around it, or it itself, that a selector means. */
  readonly closest: (selector: string) => PageElement | null;
  /** The first element inside it that a selector means. */
  readonly querySelector: (selector: string) => PageElement | null;
  /** The elements inside it that a selector means. */
  readonly querySelectorAll: (selector: string) => Iterable<PageElement>;
  /** Takes the keyboard. */
  readonly focus: () => void;
  /** Presses it. */
  readonly click: () => void;
  /** How far its contents are scrolled, in pixels. */
  scrollTop: number;
  /** How far it is below the top of what it is placed in, in pixels. */
  readonly offsetTop: number;
  /** Its height, in pixels. */
  readonly clientHeight: number;
  /** Marks a part of an input's text. */
  readonly setSelectionRange: (start: number, end: number) => void;
}

/** A document. */
export interface PageDocument {
  /** The element that has the keyboard. */
  readonly activeElement: PageElement | null;
  /** Makes an element. */
  readonly createElement: (name: string) => PageElement;
  /** Finds an element. */
  readonly getElementById: (id: string) => PageElement | null;
  /** Finds elements. */
  readonly querySelectorAll: (selector: string) => Iterable<PageElement>;
  /** Listens. */
  readonly addEventListener: (name: string, listener: (event: PageEvent) => void) => void;
}

/** The window's clock, and its size where it can change. */
export interface PageClock {
  /** Says when the window has another size. */
  readonly addEventListener?: (name: "resize", listener: () => void) => void;
  /** Does something again and again. */
  readonly setInterval: (action: () => void, milliseconds: number) => number;
  /** Does something later. */
  readonly setTimeout: (action: () => void, milliseconds: number) => number;
  /** Stops doing something again and again. */
  readonly clearInterval: (handle: number) => void;
}
