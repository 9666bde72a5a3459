import '../style/base.css';
import '../style/customer.css';
import { render } from 'preact';
import { CustomerPage } from './customer-page.js';

const page = document.getElementById('page');
if (page !== null) render(<CustomerPage path={location.pathname} />, page);
