/** How React Native differs from the standards that the rest of the world keeps. */

const notImplemented = (name: string): never => {
    throw new Error(`URL.${name} is not implemented`);
};

/** A `URL` that keeps what it is given, as in older React Native: most of what it should tell throws. */
export class UnreadableUrl {
    readonly #text: string;

    constructor(text: string) {
        this.#text = text.endsWith('/') ? text : `${text}/`;
    }

    get origin(): string {
        return notImplemented('origin');
    }

    get protocol(): string {
        return notImplemented('protocol');
    }

    get username(): string {
        return notImplemented('username');
    }

    get password(): string {
        return notImplemented('password');
    }

    get pathname(): string {
        return notImplemented('pathname');
    }

    get href(): string {
        return this.#text;
    }

    toString(): string {
        return this.#text;
    }
}

/** A `URL` that looks for patterns in the text, as in React Native of today: it parses nothing, and refuses nothing. */
export class PatternUrl {
    readonly #text: string;

    constructor(text: string, base?: string) {
        const whole = base && !/^(https?:)?\/\/[a-z\d]/.test(text) ? base.replace(/\/$/, '') + text : text;
        this.#text = /[?#]|\/$/.test(whole) ? whole : `${whole}/`;
    }

    #find(pattern: RegExp): string {
        return pattern.exec(this.#text)?.[1] ?? '';
    }

    get origin(): string {
        return this.#find(/^(https?:\/\/[^/]+)/);
    }

    get protocol(): string {
        return this.#find(/^([a-z][a-z\d+\-.]*:)/i);
    }

    get username(): string {
        return this.#find(/^https?:\/\/([^:@]+)(?::[^@]*)?@/);
    }

    get password(): string {
        return this.#find(/https?:\/\/.*:(.*)@/);
    }

    get pathname(): string {
        return this.#find(/https?:\/\/[^/]+(\/[^?#]*)/) || '/';
    }

    get href(): string {
        return this.#text;
    }

    toString(): string {
        return this.#text;
    }
}

/** Signals as abort-controller 3 makes them: without a reason, and without `throwIfAborted`. */
export class PlainAbortSignal extends EventTarget {
    aborted = false;
}

export class PlainAbortController {
    readonly signal = new PlainAbortSignal();

    abort(): void {
        if (this.signal.aborted) return;
        this.signal.aborted = true;
        this.signal.dispatchEvent(new Event('abort'));
    }
}

/** Replaces globals until the test has ended. */
export function useGlobals(): (replacements: Readonly<Record<string, unknown>>) => void {
    const originals: Record<string, unknown> = {};
    afterEach(() => {
        Object.assign(globalThis, originals);
    });
    return (replacements) => {
        for (const name of Object.keys(replacements)) originals[name] ??= Reflect.get(globalThis, name);
        Object.assign(globalThis, replacements);
    };
}
