declare module 'axios-token-interceptor' {
    import type { InternalAxiosRequestConfig } from 'axios';

    type Get<T> = () => Promise<T>;

    function tokenProvider<T>(options: {
        getToken: Get<T>;
        header?: string;
        headerFormatter: (token: T) => string;
    }): (config: InternalAxiosRequestConfig) => Promise<InternalAxiosRequestConfig>;

    namespace tokenProvider {
        function tokenCache<T>(
            getToken: Get<T>,
            options: { getMaxAge: (token: T) => number },
        ): Get<T> & { reset(): void };
    }

    export = tokenProvider;
}
