export interface Gate {
    readonly opened: Promise<void>;
    readonly open: () => void;
}

/** Something to wait for until somebody opens it. */
export function createGate(): Gate {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { opened, open };
}
