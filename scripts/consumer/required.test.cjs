require('./suite.cjs').defineTests({
    axios: require('axios'),
    MockAdapter: require('axios-mock-adapter'),
    root: require('axios-token-creator'),
    shared: require('axios-token-creator/shared'),
    testing: require('axios-token-creator/testing'),
    test,
    expect,
});
