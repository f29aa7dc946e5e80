/** Things that are opened when they are first wanted, and forgotten, the one used longest ago first, when they are many. */
export interface BoundedMap<T> {
    /** The one of that name, if it is there. */
    readonly peek: (name: string) => T | undefined;
    /** The one of that name, opened if need be. */
    readonly open: (name: string, create: () => T) => T;
    readonly values: () => T[];
    /** Empties the map; what was in it. */
    readonly clear: () => T[];
}

/** @param isBusy - those that are busy stay, even if they are more than `most` */
export function createBoundedMap<T>(most: number, isBusy: (value: T) => boolean): BoundedMap<T> {
    const values = new Map<string, T>();

    const all = (): T[] => [...values.values()];

    function makeRoom(): void {
        for (const [name, value] of values) {
            if (values.size < most) return;
            if (!isBusy(value)) values.delete(name);
        }
    }

    function peek(name: string): T | undefined {
        const value = values.get(name);
        // A map keeps the order of insertion: what is used moves to its end.
        if (value !== undefined && values.delete(name)) values.set(name, value);
        return value;
    }

    return {
        peek,
        open(name, create) {
            const known = peek(name);
            if (known !== undefined) return known;
            makeRoom();
            const value = create();
            values.set(name, value);
            return value;
        },
        values: all,
        clear() {
            const cleared = all();
            values.clear();
            return cleared;
        },
    };
}
