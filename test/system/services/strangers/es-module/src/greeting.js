export const greeting = 'ONE';
