/** A `localStorage` for Node. */
export function memoryStorage(): Storage {
    const items = new Map<string, string>();
    return {
        getItem: (name) => items.get(name) ?? null,
        setItem: (name, value) => void items.set(name, value),
        removeItem: (name) => void items.delete(name),
        clear: () => items.clear(),
        key: (index) => [...items.keys()][index] ?? null,
        get length() {
            return items.size;
        },
    };
}
