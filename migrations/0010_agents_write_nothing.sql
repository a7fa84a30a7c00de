-- Agents set nothing aside: what they cannot handle they pass, over the bus. With this right one of them could have written
-- dead letters in any service's name, without end.
REVOKE INSERT ON dead_letters FROM parley_agent, parley_pricing, parley_inventory, parley_marketing, parley_support, parley_orders;
