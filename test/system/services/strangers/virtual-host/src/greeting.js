exports.greeting = 'ONE';
