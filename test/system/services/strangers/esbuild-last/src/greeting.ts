export const greeting: string = 'ONE';
